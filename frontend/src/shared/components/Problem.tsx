import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCloudOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/shared/api/problem";

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
        <Text size="sm">{problem.detail || t(offline ? "problem.offline_detail" : "problem.no_detail")}</Text>
        {Object.entries(problem.fields).map(([field, message]) => (
          <Text key={field} size="sm">{field ? `${field}: ${message}` : message}</Text>
        ))}
        {onRetry && (
          <Group>
            <Button size="xs" variant="default" onClick={onRetry}>{t("action.try_again")}</Button>
          </Group>
        )}
      </Stack>
    </Alert>
  );
}

type Translate = ReturnType<typeof useTranslation>["t"];

function problemTitle(status: number, t: Translate): string {
  if (status === 0) return t("problem.offline");
  if (status === 404) return t("problem.not_found");
  if (status === 403) return t("problem.not_allowed");
  return status >= 500 ? t("problem.server") : t("problem.refused");
}
