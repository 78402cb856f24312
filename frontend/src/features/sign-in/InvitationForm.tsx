import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { LinkButton } from "@/shared/components/Links";
import { Loaded } from "@/shared/components/Loaded";
import { sessionOptions } from "@/shared/api/queries";
import { AcceptForm } from "./AcceptForm";
import { invitationOptions } from "./api";

interface Props {
  token: string;
  onDone: () => void;
}

/** Who has no account makes one here; who has one accepts while signed in, for the link alone is not their password. */
export function InvitationForm({ token, onDone }: Props) {
  const { t } = useTranslation();
  const query = useQuery(invitationOptions(token));
  const me = useQuery(sessionOptions).data?.me;
  return (
    <Loaded query={query}>
      {({ email, project, role, invited_by_name, has_account }) => {
        const isMe = me?.email.toLowerCase() === email.toLowerCase();
        return (
          <Stack gap="md">
            <Text>{t("invitation.text", { by: invited_by_name, project: project.name, role: t(`role.${role}`) })}</Text>
            {has_account && !isMe ? (
              <>
                <Text c="dimmed">{t("invitation.sign_in_first", { email })}</Text>
                <LinkButton to="/sign-in" search={{ next: `/invitation/${token}` }} size="md">
                  {t("sign_in.submit")}
                </LinkButton>
              </>
            ) : (
              <AcceptForm token={token} email={email} isNew={!has_account} onDone={onDone} />
            )}
          </Stack>
        );
      }}
    </Loaded>
  );
}
