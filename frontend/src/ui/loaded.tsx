/** What a page shows of a query: a skeleton, the failure with what to do, or the data. */

import type { ComponentChildren } from "preact";

import type { ApiError } from "../api";
import type { Query } from "../query";
import { Button, Skeleton } from "./parts";
import { Prose } from "./prose";

interface LoadedProps<T> {
  query: Query<T>;
  lines?: number;
  children: (data: T) => ComponentChildren;
}

/** Old data stay visible under the word of the failure: they are marked, not lost. */
export function Loaded<T>({ query, lines = 4, children }: LoadedProps<T>) {
  const failure = query.error ? <Failure error={query.error} again={query.again} /> : null;
  if (query.data === null) return failure ?? <Skeleton lines={lines} />;
  return (
    <>
      {failure}
      {children(query.data)}
    </>
  );
}

export function Failure({ error, again }: { error: ApiError; again?: () => void }) {
  return (
    <div class="failure" role="status">
      <p>
        <strong>{error.message}</strong> {error.fix ? <span class="muted"><Prose text={error.fix} /></span> : null}
      </p>
      {again ? <Button onClick={again}>Ask again</Button> : null}
    </div>
  );
}
