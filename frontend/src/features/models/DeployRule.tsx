import { Button, Checkbox, Group, NumberInput, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import { deployRuleOptions, setDeployRule } from "./compare";

const EVEN = 0.5;
const PERCENT = 100;

/** Whether refined models of a project wait until people find them better, and by how much. */
export function DeployRule({ projectId }: { projectId: number }) {
  const query = useQuery(deployRuleOptions(projectId));
  if (!query.data) return <ProblemNotice error={query.error} />;
  return <RuleForm key={query.data.needed_win_rate} projectId={projectId} stored={query.data.needed_win_rate} />;
}

function RuleForm({ projectId, stored }: { projectId: number; stored: number | null }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [needed, setNeeded] = useState(stored);
  const saving = useMutation({
    mutationFn: () => setDeployRule(projectId, needed),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["project", projectId] }),
  });
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <Panel title={t("compare.rule")} description={t("compare.rule_detail")}>
      <form onSubmit={send}>
        <Stack gap="sm">
          <ProblemNotice error={saving.error} />
          <Checkbox
            label={t("compare.rule_waits")}
            checked={needed !== null}
            onChange={(event) => setNeeded(event.currentTarget.checked ? EVEN : null)}
          />
          <Group align="flex-end">
            {needed !== null && (
              <NumberInput
                label={t("compare.rule_needed")}
                required
                min={0}
                max={99}
                suffix=" %"
                value={Math.round(needed * PERCENT)}
                onChange={(value) => setNeeded(Number(value) / PERCENT)}
              />
            )}
            <Button type="submit" variant="default" loading={saving.isPending} disabled={needed === stored}>
              {t("compare.rule_save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
