/** Before a save: what the file would be, what is dangerous about it, and which limits would clash. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import { ApiError, postJson } from "../../api";
import { day as dayText } from "../../format";
import type { SettingsPage, SettingsPreview, SettingsSaved } from "../../shapes";
import { user } from "../../state";
import { Badge, Banner, Button, Dialog, Failure, Field, Skeleton } from "../../ui";
import { changesOf, clashesOf, sentence, type Drafts, type Sent } from "./draft";
import { Marked } from "./marked";

interface ReviewProps {
  readonly page: SettingsPage;
  readonly drafts: Drafts;
  readonly forget: () => void;
  readonly saved: () => void;
}

export function Review({ page, drafts, forget, saved }: ReviewProps): JSX.Element | null {
  const [open, setOpen] = useState(false);
  const [told, setTold] = useState<SettingsSaved | null>(null);
  const changes = changesOf(page.settings, drafts);
  const count = Object.keys(changes).length;
  const done = (answer: SettingsSaved): void => {
    setOpen(false);
    setTold(answer);
    forget();
    saved();
  };
  return (
    <>
      {told !== null && count === 0 ? <Saved answer={told} forget={() => setTold(null)} /> : null}
      {count > 0 ? (
        <div class="save-bar" role="region" aria-label="Changes not saved">
          <strong>{count === 1 ? "1 change" : `${count} changes`} not saved</strong>
          <Button tone="plain" onClick={forget}>
            Forget them
          </Button>
          <Button tone="accent" onClick={() => setOpen(true)}>
            Review and save
          </Button>
        </div>
      ) : null}
      {open ? <ReviewDialog changes={changes} close={() => setOpen(false)} done={done} /> : null}
    </>
  );
}

function Saved({ answer, forget }: { answer: SettingsSaved; forget: () => void }): JSX.Element {
  const waiting = answer.pending.map((one) => `${one.key} from ${dayText(one.effective)}`).join(", ");
  return (
    <div class="save-bar" role="status">
      <strong>{answer.written.length > 0 ? `Saved: ${answer.written.join(", ")}.` : "Kept."}</strong>
      <span>
        {waiting === "" ? "" : `Waiting for its day: ${waiting}. `}
        <Marked text={sentence(answer.applies)} />
      </span>
      <Button tone="plain" onClick={forget}>
        Close
      </Button>
    </div>
  );
}

interface DialogProps {
  readonly changes: Record<string, Sent>;
  readonly close: () => void;
  readonly done: (answer: SettingsSaved) => void;
}

function ReviewDialog({ changes, close, done }: DialogProps): JSX.Element {
  const [preview, setPreview] = useState<SettingsPreview | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  useEffect(() => {
    postJson<SettingsPreview>("/api/settings/preview", { changes }).then(setPreview, (why) => setError(asApiError(why)));
  }, []);
  return (
    <Dialog title="What a save would do" onClose={close}>
      {error !== null ? <Failure error={error} /> : null}
      {preview === null && error === null ? <Skeleton lines={8} /> : null}
      {preview !== null ? <Previewed changes={changes} preview={preview} done={done} /> : null}
    </Dialog>
  );
}

interface PreviewedProps {
  readonly changes: Record<string, Sent>;
  readonly preview: SettingsPreview;
  readonly done: (answer: SettingsSaved) => void;
}

function Previewed({ changes, preview, done }: PreviewedProps): JSX.Element {
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const noFactor = preview.needs_second_factor && user.value?.totp !== true;
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      const totp = preview.needs_second_factor ? { totp: code.replace(/\s/g, "") } : {};
      done(await postJson<SettingsSaved>("/api/settings", { changes, version: preview.version, ...totp }));
    } catch (why) {
      setError(asApiError(why));
      setBusy(false);
    }
  };
  return (
    <form class="stack" onSubmit={(event) => void save(event)}>
      <Problems preview={preview} />
      <Diff lines={preview.diff} />
      <Dangers preview={preview} />
      {preview.valid ? <Clashes preview={preview} /> : null}
      {preview.valid ? (
        <p class="muted">
          <Marked text={sentence(preview.applies)} />
        </p>
      ) : null}
      {noFactor ? <Banner tone="amber" title="This needs a second factor.">Set one up under Login and users first.</Banner> : null}
      {preview.needs_second_factor && !noFactor ? (
        <Field label="Code of your authenticator app" value={code} onInput={setCode} inputMode="numeric" autocomplete="one-time-code" required />
      ) : null}
      {error !== null ? <Failure error={error} /> : null}
      <p class="row">
        <Button tone="accent" type="submit" disabled={!preview.valid || noFactor || busy}>
          {busy ? "Saving…" : "Save"}
        </Button>
      </p>
    </form>
  );
}

function Problems({ preview }: { preview: SettingsPreview }): JSX.Element | null {
  if (preview.valid) return null;
  return (
    <div role="alert">
      <ul class="warnings">
        {preview.problems.map((text) => (
          <li key={text}>
            <Badge tone="danger">refused</Badge> {text}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Added lines begin with +, removed ones with -: the sign says it, the colour only repeats it. */
function Diff({ lines }: { lines: readonly string[] }): JSX.Element | null {
  if (lines.length === 0) return null;
  return (
    <pre class="diff" tabIndex={0} aria-label="What changes in config.yaml">
      {lines.map((line, place) => (
        <span key={place} class={lineClass(line)}>
          {`${line.replace(/\n$/, "")}\n`}
        </span>
      ))}
    </pre>
  );
}

function lineClass(line: string): string {
  if (/^(\+\+\+|---)/.test(line)) return "muted";
  return line.startsWith("+") ? "up" : line.startsWith("-") ? "down" : "muted";
}

function Dangers({ preview }: { preview: SettingsPreview }): JSX.Element | null {
  if (preview.dangerous.length === 0) return null;
  return (
    <ul class="warnings">
      {preview.dangerous.map((one) => (
        <li key={one.key}>
          <Badge tone="amber">{one.effective === null ? "dangerous" : `from ${dayText(one.effective)}`}</Badge> <code>{one.key}</code>: {one.reason}
        </li>
      ))}
    </ul>
  );
}

function Clashes({ preview }: { preview: SettingsPreview }): JSX.Element | null {
  const { fresh, still, gone } = clashesOf(preview.contradictions_now, preview.contradictions_then);
  if (fresh.length + still.length + gone.length === 0) return null;
  return (
    <ul class="warnings">
      {fresh.map((text) => (
        <li key={text}>
          <Badge tone="amber">new contradiction</Badge> {text}
        </li>
      ))}
      {still.map((text) => (
        <li key={text}>
          <Badge tone="amber">still</Badge> {text}
        </li>
      ))}
      {gone.map((text) => (
        <li key={text}>
          <Badge tone="up">solved</Badge> {text}
        </li>
      ))}
    </ul>
  );
}

function asApiError(why: unknown): ApiError {
  return why instanceof ApiError ? why : new ApiError(0, "unknown", String(why));
}
