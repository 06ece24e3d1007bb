/** The heading of a page, with what can be done on it at the right. */

import type { ComponentChildren, JSX } from "preact";

export function PageHead({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="page-head">
      <h1>{title}</h1>
      {children}
    </div>
  );
}
