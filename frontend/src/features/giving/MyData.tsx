import { Button, Group, List, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconHeartHandshake } from "@tabler/icons-react";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/shared/components/EmptyState";
import { Figures } from "@/shared/components/Figures";
import { Loaded } from "@/shared/components/Loaded";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { announce } from "@/shared/components/announcer";
import type { Given } from "@/shared/api/types";
import { useFormat } from "@/shared/i18n/useFormat";
import { myDataOptions, withdrawFrom } from "./api";

const COUNTS = ["answers", "prompts", "completions", "releases", "models"] as const;

/** What one has given to each project, what became of it, and the way to take it back. */
export function MyData() {
  const { t } = useTranslation();
  return (
    <Loaded query={useQuery(myDataOptions)}>
      {({ results }) =>
        results.length === 0 ? (
          <EmptyState icon={IconHeartHandshake} title={t("giving.empty")}>
            {t("giving.empty_detail")}
          </EmptyState>
        ) : (
          <Stack gap="lg">
            {results.map((given) => (
              <GivenTo key={given.project.id} given={given} />
            ))}
          </Stack>
        )
      }
    </Loaded>
  );
}

function GivenTo({ given }: { given: Given }) {
  const { t } = useTranslation();
  const format = useFormat();
  const hasGiven = given.answers + given.prompts + given.completions > 0;
  const kinds = given.kinds.map(({ kind, answers }) => `${t(`protocol_kind.${kind}`)} ${format.integer(answers)}`);
  return (
    <Panel
      title={given.project.name}
      description={kinds.join(" · ") || undefined}
      actions={hasGiven && <Withdraw given={given} />}
    >
      <Figures figures={COUNTS.map((name) => ({ label: t(`giving.${name}`), value: format.integer(given[name]) }))} />
      {given.withdrawals.length > 0 && (
        <div>
          <Text size="sm" fw={600}>
            {t("giving.withdrawn")}
          </Text>
          <List size="sm">
            {given.withdrawals.map((one) => (
              <List.Item key={one.id}>
                {format.dateTime(one.created_at)} · {t(`giving.kind.${one.kind}`)} ·{" "}
                {t("giving.answers_taken", { count: one.answers, shown: format.integer(one.answers) })}
                {one.actor.id !== one.person?.id && ` · ${t("giving.taken_by", { name: one.actor.name })}`}
                {one.reason && ` · ${one.reason}`}
              </List.Item>
            ))}
          </List>
        </div>
      )}
    </Panel>
  );
}

function Withdraw({ given }: { given: Given }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const [opened, dialog] = useDisclosure();
  const [reason, setReason] = useState("");
  const withdrawing = useMutation({
    mutationFn: () => withdrawFrom(given.project.id, reason.trim()),
    onSuccess: async () => {
      dialog.close();
      announce(t("giving.done"));
      // Queues, history and counts change with it.
      await queries.invalidateQueries();
    },
  });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    withdrawing.mutate();
  };
  return (
    <>
      <Button variant="default" size="sm" onClick={dialog.open}>
        {t("giving.withdraw")}
      </Button>
      <Modal opened={opened} onClose={dialog.close} title={t("giving.question", { project: given.project.name })}>
        <form onSubmit={send}>
          <Stack>
            <ProblemNotice error={withdrawing.error} />
            <Text>{t("giving.means")}</Text>
            <List size="sm">
              <List.Item>
                {t("giving.means_answers", { count: given.answers, shown: format.integer(given.answers) })}
              </List.Item>
              <List.Item>
                {t("giving.means_releases", { count: given.releases, shown: format.integer(given.releases) })}
              </List.Item>
              <List.Item>
                {t("giving.means_models", { count: given.models, shown: format.integer(given.models) })}
              </List.Item>
              <List.Item>{t("giving.means_hours")}</List.Item>
            </List>
            <Textarea
              label={t("giving.reason")}
              description={t("giving.reason_detail")}
              maxLength={500}
              autosize
              minRows={2}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            <Text fw={600}>{t("giving.for_good")}</Text>
            <Group justify="flex-end">
              <Button variant="default" onClick={dialog.close} data-autofocus>
                {t("action.go_back")}
              </Button>
              <Button color="red" type="submit" loading={withdrawing.isPending}>
                {t("giving.withdraw")}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
