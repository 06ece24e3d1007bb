/** A button that acts only when it is held for 1.5 s: by pointer, finger, or the keys Enter and Space. */

import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";

import { classes } from "../ui/parts";

export const HOLD_MS = 1500;

interface HoldProps {
  text: string;
  holding: string;
  disabled?: boolean;
  quiet?: boolean;
  autofocus?: boolean;
  onHeld: () => void;
}

export function HoldButton({ text, holding, disabled = false, quiet = false, autofocus, onHeld }: HoldProps) {
  const hint = useId();
  const held = useRef<HTMLButtonElement>(null);
  const began = useRef(0);
  const frame = useRef(0);
  const active = useSignal(false);

  const fill = (share: number) => held.current?.style.setProperty("--held", share.toFixed(3));
  const cancel = () => {
    cancelAnimationFrame(frame.current);
    active.value = false;
    fill(0);
  };
  const grow = () => {
    const share = (performance.now() - began.current) / HOLD_MS;
    fill(Math.min(1, share));
    if (share < 1) {
      frame.current = requestAnimationFrame(grow);
      return;
    }
    cancel();
    onHeld();
  };
  const begin = () => {
    if (disabled || active.value) return;
    began.current = performance.now();
    active.value = true;
    frame.current = requestAnimationFrame(grow);
  };
  const keyed = (event: KeyboardEvent) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    if (!event.repeat) begin();
  };
  useEffect(() => cancel, []);
  useEffect(() => {
    if (autofocus) held.current?.focus();
  }, []);
  return (
    <button
      ref={held}
      type="button"
      class={classes("hold", quiet && "quiet", active.value && "active")}
      disabled={disabled}
      aria-describedby={hint}
      onPointerDown={(event) => event.button === 0 && begin()}
      onPointerUp={cancel}
      onPointerLeave={cancel}
      onPointerCancel={cancel}
      onKeyDown={keyed}
      onKeyUp={cancel}
      onBlur={cancel}
      onContextMenu={(event) => event.preventDefault()}
    >
      <span>{active.value ? holding : text}</span>
      <small id={hint}>{active.value ? "keep holding…" : "hold 1.5 s"}</small>
    </button>
  );
}
