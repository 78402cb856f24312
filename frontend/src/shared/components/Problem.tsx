import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCloudOff } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { asProblem, type Problem } from "@/shared/api/problem";

interface Props {
  error: unknown;
  onRetry?: () => void;
}

/** What went wrong in the server's words, and the way on. Renders nothing without an error. */
export function ProblemNotice({ error, onRetry }: Props) {
  const { t } = useTranslation();
  if (!error) return null;
  const problem = asProblem(error);
  const offline = problem.status === 0;
  return (
    <Alert
      role="alert"
      color={offline ? "gray" : "red"}
      variant="light"
      icon={offline ? <IconCloudOff size={18} /> : <IconAlertTriangle size={18} />}
      title={problemTitle(problem.status, t)}
    >
      <Stack gap="xs">
        <Text size="sm">{problemText(problem, t)}</Text>
        {Object.entries(problem.fields)
          .filter(([, message]) => !problem.detail.includes(message))
          .map(([field, message]) => (
            <Text key={field} size="sm">
              {field ? `${field}: ${message}` : message}
            </Text>
          ))}
        {onRetry && (problem.isTransient || problem.status >= 500) && (
          <Group>
            <Button size="xs" variant="default" onClick={onRetry}>
              {t("action.try_again")}
            </Button>
          </Group>
        )}
      </Stack>
    </Alert>
  );
}

/** Refusals that say the same every time, in the reader's language; the others in the server's words. */
const KNOWN = [
  "email_password_mismatch",
  "too_many_login_attempts",
  "link_not_usable",
  "invitation_not_usable",
  "last_manager",
  "protocol_paused",
  "claim_ended",
  "owner_only",
  "job_ended",
  "database_unavailable",
  "files_unavailable",
] as const;

/** One sentence on what went wrong. */
export function problemText({ code, detail, status }: Problem, t: TFunction): string {
  const known = KNOWN.find((name) => name === code);
  if (known) return t(`problem.code.${known}`);
  return detail || t(status === 0 ? "problem.offline_detail" : "problem.no_detail");
}

function problemTitle(status: number, t: TFunction): string {
  if (status === 0) return t("problem.offline");
  if (status === 404) return t("problem.not_found");
  if (status === 403) return t("problem.not_allowed");
  return status >= 500 ? t("problem.server") : t("problem.refused");
}
