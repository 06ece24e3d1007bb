/** Tabs by the keyboard rules of the web: arrows move, the panel follows. */

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

interface TabsProps {
  label: string;
  tabs: readonly { key: string; title: string }[];
  current: string;
  onSelect: (key: string) => void;
  children: ComponentChildren;
}

export function Tabs({ label, tabs, current, onSelect, children }: TabsProps) {
  const id = useId();
  const strip = useRef<HTMLDivElement>(null);
  // On a phone the strip is wider than the screen: the chosen tab is brought in sight.
  useEffect(() => {
    const tab = document.getElementById(`${id}-${current}`);
    if (tab && strip.current) strip.current.scrollLeft = tab.offsetLeft - (strip.current.clientWidth - tab.offsetWidth) / 2;
  }, [current]);
  const move = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!step) return;
    event.preventDefault();
    const place = tabs.findIndex((tab) => tab.key === current);
    const next = tabs[(place + step + tabs.length) % tabs.length];
    if (!next) return;
    onSelect(next.key);
    document.getElementById(`${id}-${next.key}`)?.focus();
  };
  return (
    <>
      <div ref={strip} class="tabs" role="tablist" aria-label={label} onKeyDown={move}>
        {tabs.map((tab) => (
          <button
            key={tab.key}
            id={`${id}-${tab.key}`}
            type="button"
            role="tab"
            class="tab"
            aria-selected={tab.key === current}
            aria-controls={`${id}-panel`}
            tabIndex={tab.key === current ? 0 : -1}
            onClick={() => onSelect(tab.key)}
          >
            {tab.title}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${current}`}>
        {children}
      </div>
    </>
  );
}
