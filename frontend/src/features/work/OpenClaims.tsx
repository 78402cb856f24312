import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { LinkButton } from "@/shared/components/Links";
import { useFormat } from "@/shared/i18n/useFormat";
import type { Claim } from "@/shared/api/types";
import { useOutbox } from "./outbox/theOutbox";

/** Work begun and not handed in: it waits exactly where it was left. */
export function OpenClaims({ claims }: { claims: readonly Claim[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { waiting } = useOutbox();
  const isHandedIn = (id: string) => waiting.some(({ claim }) => claim === id);
  const begun = claims.filter((claim) => claim.shown_at !== null && !isHandedIn(claim.id));
  if (begun.length === 0) return null;
  return (
    <Stack gap="sm" component="section">
      <Title order={2}>{t("work.continue_title")}</Title>
      {begun.map((claim) => (
        <Paper key={claim.id} radius="lg" p="md" bg="var(--bennet-accent-soft)">
          <Group justify="space-between" wrap="nowrap">
            <div style={{ minWidth: 0 }}>
              <Text fw={600} truncate dir="auto">
                {claim.messages.at(-1)?.content ?? claim.brief?.text ?? claim.protocol.name}
              </Text>
              <Text size="sm" c="dimmed">
                {claim.protocol.name}
                {" · "}
                {claim.state === "expired" && <>{t("claim.lease.expired")} · </>}
                {claim.draft_saved_at
                  ? t("work.draft_saved", { ago: format.ago(claim.draft_saved_at) })
                  : t("work.no_draft")}
              </Text>
            </div>
            <LinkButton to="/work/$claimId" params={{ claimId: claim.id }} flex="none">
              {t("work.continue")}
            </LinkButton>
          </Group>
        </Paper>
      ))}
    </Stack>
  );
}
