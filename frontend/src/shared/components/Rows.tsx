import { Button, Group, Table } from "@mantine/core";
import type { UseInfiniteQueryResult, UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "./Loaded";

interface Props<Row> {
  query: Pick<UseQueryResult<Row[]>, "data" | "error" | "refetch"> &
    Partial<Pick<UseInfiniteQueryResult, "hasNextPage" | "isFetchingNextPage" | "fetchNextPage">>;
  label: string;
  columns: string[];
  empty: ReactNode;
  children: (row: Row) => ReactNode;
}

/** A table, cursor-paged where its query is. `children` renders one `Table.Tr`. */
export function Rows<Row>({ query, label, columns, empty, children }: Props<Row>) {
  const { t } = useTranslation();
  return (
    <Loaded query={query}>
      {(rows) =>
        rows.length === 0 ? (
          empty
        ) : (
          <>
            <Table.ScrollContainer minWidth={columns.length * 110} type="native">
              <Table aria-label={label} verticalSpacing="sm" horizontalSpacing="md" highlightOnHover>
                <Table.Thead>
                  <Table.Tr>
                    {columns.map((column, index) => (
                      <Table.Th key={index} c="dimmed" fw={500} fz="sm">
                        {column}
                      </Table.Th>
                    ))}
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>{rows.map(children)}</Table.Tbody>
              </Table>
            </Table.ScrollContainer>
            {query.hasNextPage && (
              <Group justify="center">
                <Button
                  variant="default"
                  loading={query.isFetchingNextPage}
                  onClick={() => void query.fetchNextPage?.()}
                >
                  {t("action.load_more")}
                </Button>
              </Group>
            )}
          </>
        )
      }
    </Loaded>
  );
}
