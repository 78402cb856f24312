import { Button, Table } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconKey } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { ConfirmButton } from "@/shared/components/ConfirmButton";
import { EmptyState } from "@/shared/components/EmptyState";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { Rows } from "@/shared/components/Rows";
import { useFormat } from "@/shared/i18n/useFormat";
import { revokeToken, tokensOptions } from "./api";
import { TokenDialog } from "./TokenDialog";

export function TokenPanel() {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const query = useQuery(tokensOptions);
  const [opened, dialog] = useDisclosure();
  const revoking = useMutation({
    mutationFn: revokeToken,
    onSuccess: () => queries.invalidateQueries({ queryKey: tokensOptions.queryKey }),
  });
  const columns = [
    t("account.token_column.name"),
    t("account.token_column.scopes"),
    t("account.token_column.expires"),
    t("account.token_column.used"),
    "",
  ];
  return (
    <Panel
      title={t("account.tokens")}
      description={t("account.tokens_detail")}
      actions={
        <Button variant="default" onClick={dialog.open}>
          {t("account.token_new")}
        </Button>
      }
    >
      <ProblemNotice error={revoking.error} />
      <Rows
        query={query}
        label={t("account.tokens")}
        columns={columns}
        empty={
          <EmptyState icon={IconKey} title={t("account.tokens_empty")}>
            {t("account.tokens_empty_detail")}
          </EmptyState>
        }
      >
        {(token) => (
          <Table.Tr key={token.id}>
            <Table.Td>{token.name}</Table.Td>
            <Table.Td>
              {t(token.scopes.includes("write") ? "account.token_scope.write" : "account.token_scope.read")}
            </Table.Td>
            <Table.Td>{token.expires_at ? format.dateTime(token.expires_at) : t("account.token_never")}</Table.Td>
            <Table.Td>{token.last_used_at ? format.ago(token.last_used_at) : t("account.token_never")}</Table.Td>
            <Table.Td ta="right">
              <ConfirmButton
                label={t("account.token_revoke")}
                question={t("account.token_revoke_question", { name: token.name })}
                detail={t("account.token_revoke_detail")}
                onConfirm={() => revoking.mutate(token.id)}
              />
            </Table.Td>
          </Table.Tr>
        )}
      </Rows>
      <TokenDialog opened={opened} onClose={dialog.close} />
    </Panel>
  );
}
