/** The bar at the foot of a phone: four pages and More, a sheet that leaves the bar with HALT free. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { PAGES, hrefOf, route } from "../../routes";
import { Icon } from "../icons";
import { RailLinks } from "./rail";
import { UserPanel } from "./user-menu";

export function Foot() {
  const open = useSignal(false);
  const more = useRef<HTMLButtonElement>(null);
  const close = () => {
    open.value = false;
  };
  useEffect(close, [route.value]);
  const leave = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !open.value) return;
    close();
    more.current?.focus();
  };
  const shown = PAGES.filter((page) => page.phone);
  const elsewhere = !shown.some((page) => page.name === route.value.name);
  return (
    <nav class="foot" aria-label="Pages on a phone" onKeyDown={leave}>
      {shown.map((page) => (
        <a key={page.name} href={hrefOf(page.name)} aria-current={route.value.name === page.name ? "page" : undefined}>
          <Icon name={page.name} />
          {page.title}
        </a>
      ))}
      <button ref={more} type="button" aria-expanded={open.value} class={elsewhere ? "current" : ""} onClick={() => (open.value = !open.value)}>
        <Icon name="more" />
        More
      </button>
      {open.value ? (
        <section class="sheet stack" aria-label="All pages">
          <div class="more-pages">
            <RailLinks onPick={close} />
          </div>
          <UserPanel />
        </section>
      ) : null}
    </nav>
  );
}
