/** A dialog over the page. The browser keeps the focus inside and gives it back when the dialog closes. */

import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

import { classes } from "./parts";

interface DialogProps {
  title: string;
  /** Without it the dialog cannot be closed by the user. */
  onClose?: () => void;
  narrow?: boolean;
  class?: string;
  children: ComponentChildren;
}

/** Shown while it is mounted: leave it out of the tree to close it. */
export function Dialog({ title, onClose, narrow, class: extra, children }: DialogProps) {
  const id = useId();
  const held = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = held.current;
    const back = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (back instanceof HTMLElement && back.isConnected) back.focus();
    };
  }, []);
  const cancel = (event: Event) => {
    event.preventDefault();
    onClose?.();
  };
  return (
    <dialog ref={held} class={classes("dialog", narrow && "narrow", extra)} aria-labelledby={id} onCancel={cancel}>
      <div class="dialog-head">
        <h2 id={id}>{title}</h2>
        {onClose ? (
          <button type="button" class="button tone-plain" onClick={onClose}>
            Close
          </button>
        ) : null}
      </div>
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}
