/** A message over the whole width; read out when it appears (`danger` at once, others when there is a pause). */

import type { ComponentChildren } from "preact";

import type { Tone } from "./parts";

interface BannerProps {
  tone: Tone;
  title: ComponentChildren;
  actions?: ComponentChildren;
  children?: ComponentChildren;
}

export function Banner({ tone, title, actions, children }: BannerProps) {
  return (
    <div class={`banner tone-${tone}`} role={tone === "danger" ? "alert" : "status"}>
      <strong>{title}</strong>
      {children ? <span>{children}</span> : null}
      {actions ? <span class="banner-actions">{actions}</span> : null}
    </div>
  );
}
