import type { ComponentChild } from 'preact';

interface DiffTableProps {
  labelledBy: string;
  heads: readonly string[];
  rows: readonly { key: string; head: ComponentChild; cells: readonly ComponentChild[] }[];
}

/** A table of numbers with a head a row; scrolls by itself where it is too wide. */
export function DiffTable({ labelledBy, heads, rows }: DiffTableProps) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-labelledby={labelledBy}>
      <table class="diff-table">
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, head, cells }) => (
            <tr key={key}>
              <th scope="row">{head}</th>
              {cells.map((cell, index) => (
                <td key={heads[index + 1]} class="numeric">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
