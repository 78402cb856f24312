import { Button, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { LinkAnchor } from "@/shared/components/Links";
import { ProblemNotice } from "@/shared/components/Problem";
import { redeemLink } from "./api";

interface Props {
  token: string;
  onDone: () => void;
}

/** A one-time link. It is redeemed by a press, so that a mail scanner that only opens it does not use it up. */
export function WelcomeLink({ token, onDone }: Props) {
  const { t } = useTranslation();
  const redeeming = useMutation({ mutationFn: () => redeemLink(token), onSuccess: onDone });
  return (
    <Stack gap="md">
      <Text>{t("welcome.text")}</Text>
      <ProblemNotice error={redeeming.error} />
      <Button size="md" loading={redeeming.isPending} onClick={() => redeeming.mutate()} autoFocus>
        {t("welcome.submit")}
      </Button>
      {redeeming.isError && (
        <LinkAnchor to="/sign-in" size="sm" ta="center">
          {t("forgot.back")}
        </LinkAnchor>
      )}
    </Stack>
  );
}
