/** A labelled input with its hint and its fault. */

import { useEffect, useId, useRef } from "preact/hooks";

interface FieldProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  type?: "text" | "password" | "number" | "search" | "date";
  autocomplete?: "username" | "current-password" | "new-password" | "one-time-code" | "off";
  inputMode?: "numeric" | "decimal" | "text";
  placeholder?: string;
  hint?: string | undefined;
  error?: string | null | undefined;
  autofocus?: boolean;
  required?: boolean;
  disabled?: boolean;
}

export function Field({ label, value, onInput, hint, error, autofocus, type = "text", ...rest }: FieldProps) {
  const id = useId();
  const held = useRef<HTMLInputElement>(null);
  // The attribute alone works only when the page or a dialog opens, not for a field that appears later.
  useEffect(() => {
    if (autofocus) held.current?.focus();
  }, []);
  const told = error ?? hint;
  const described = told ? { "aria-describedby": `${id}-told` } : {};
  const attributes = { ...rest, ...described, type: type as "text", autoFocus: autofocus === true };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        ref={held}
        id={id}
        class="input"
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
        aria-invalid={error ? "true" : "false"}
        {...attributes}
      />
      {told ? (
        <small id={`${id}-told`} class={error ? "field-error" : ""}>
          {told}
        </small>
      ) : null}
    </div>
  );
}
