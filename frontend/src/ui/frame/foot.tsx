/** The bar at the foot of a phone: four pages and More. */

import { useSignal } from "@preact/signals";

import { PAGES, hrefOf, route } from "../../routes";
import { Dialog } from "../dialog";
import { Icon } from "../icons";
import { RailLinks } from "./rail";
import { UserPanel } from "./user-menu";

export function Foot() {
  const open = useSignal(false);
  const close = () => {
    open.value = false;
  };
  const shown = PAGES.filter((page) => page.phone);
  const elsewhere = !shown.some((page) => page.name === route.value.name);
  return (
    <nav class="foot" aria-label="Pages on a phone">
      {shown.map((page) => (
        <a key={page.name} href={hrefOf(page.name)} aria-current={route.value.name === page.name ? "page" : undefined}>
          <Icon name={page.name} />
          {page.title}
        </a>
      ))}
      <button type="button" aria-haspopup="dialog" class={elsewhere ? "current" : ""} onClick={() => (open.value = true)}>
        <Icon name="more" />
        More
      </button>
      {open.value ? (
        <Dialog title="All pages" onClose={close}>
          <div class="more-pages">
            <RailLinks onPick={close} />
          </div>
          <UserPanel />
        </Dialog>
      ) : null}
    </nav>
  );
}
