/** A table; on a phone each row becomes a card with the column's name before each value. */

import type { ComponentChildren } from "preact";

import { classes, type Tone } from "./parts";

export interface Column<Row> {
  key: string;
  head: string;
  right?: boolean;
  /** The cell that names the row: the heading of its card on a phone. */
  names?: boolean;
  cell: (row: Row) => ComponentChildren;
}

interface TableProps<Row> {
  /** Read out by screen readers. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row, place: number) => string | number;
  rowTone?: (row: Row) => Tone | null;
  /** Shown instead of rows when there are none. */
  empty?: ComponentChildren;
  /** Keep it a table on a phone too: for two or three short columns. */
  narrow?: boolean;
}

export function Table<Row>({ caption, columns, rows, rowKey, rowTone, empty, narrow }: TableProps<Row>) {
  if (!rows.length && empty) return <>{empty}</>;
  return (
    <div class="table-wrap">
      <table class={classes("table", !narrow && "cards")}>
        <caption class="hidden-text">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" class={column.right ? "right" : ""}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, place) => {
            const tone = rowTone?.(row);
            return (
              <tr key={rowKey(row, place)} class={tone ? `tone-${tone}` : ""}>
                {columns.map((column) => cellOf(column, row))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function cellOf<Row>(column: Column<Row>, row: Row) {
  const look = column.right ? "right" : "";
  if (column.names)
    return (
      <th key={column.key} scope="row" class={look}>
        {column.cell(row)}
      </th>
    );
  return (
    <td key={column.key} class={look} data-label={column.head}>
      {column.cell(row)}
    </td>
  );
}
