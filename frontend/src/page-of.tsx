/** The page that the address names; all but Today are loaded when they are asked for. */

import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";

import { Today } from "./pages/today";
import { loadPage, PAGES, type PageProps, route } from "./routes";
import { Button, Card, Empty, Skeleton } from "./ui";

export function PageOf() {
  const { name, parts } = route.value;
  useEffect(() => scrollTo(0, 0), [name]);
  if (name === "today") return <Today />;
  return <LazyPage key={name} name={name} parts={parts} />;
}

type Found = { page: ComponentType<PageProps> } | "loading" | "missing" | "failed";

function LazyPage({ name, parts }: { name: string; parts: string[] }) {
  const found = useSignal<Found>("loading");
  const load = () => {
    found.value = "loading";
    const loading = loadPage(name);
    if (!loading) found.value = "missing";
    else
      loading.then(
        (module) => (found.value = { page: module.default }),
        () => (found.value = "failed"),
      );
  };
  useEffect(load, [name]);
  const title = PAGES.find((page) => page.name === name)?.title ?? name;
  if (typeof found.value === "object") {
    const Page = found.value.page;
    return <Page parts={parts} />;
  }
  return (
    <div class="stack">
      <h1>{title}</h1>
      {found.value === "loading" ? (
        <Card title={title}>
          <Skeleton lines={10} />
        </Card>
      ) : (
        <Card title={title}>
          <Missing failed={found.value === "failed"} again={load} />
        </Card>
      )}
    </div>
  );
}

function Missing({ failed, again }: { failed: boolean; again: () => void }) {
  if (!failed)
    return (
      <Empty title="There is no such page">
        This version has no page at this address. <a href="#/today">Back to Today</a>
      </Empty>
    );
  return (
    <Empty title="This page could not be loaded">
      The dashboard's server was not reached. <Button onClick={again}>Load it again</Button>
    </Empty>
  );
}
