/** The way to every page: at the left on a desk, folded into "More" on a phone. */

import { PAGES, hrefOf, route } from "../../routes";
import { Icon } from "../icons";

const GROUPS = [
  { key: "day", title: "The day" },
  { key: "record", title: "Record" },
  { key: "desk", title: "Desk" },
] as const;

export function Rail() {
  return (
    <nav class="rail" aria-label="Pages">
      <RailLinks />
    </nav>
  );
}

export function RailLinks({ onPick }: { onPick?: () => void }) {
  return (
    <>
      {GROUPS.map((group) => (
        <div class="rail-group" key={group.key}>
          <span class="rail-title">{group.title}</span>
          {PAGES.filter((page) => page.group === group.key).map((page) => (
            <a
              key={page.name}
              href={hrefOf(page.name)}
              aria-current={route.value.name === page.name ? "page" : undefined}
              {...(onPick ? { onClick: onPick } : {})}
            >
              <Icon name={page.name} />
              {page.title}
            </a>
          ))}
        </div>
      ))}
    </>
  );
}
