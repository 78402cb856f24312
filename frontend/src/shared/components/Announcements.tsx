import { Affix, Notification, Transition } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { announce, useAnnouncement } from "./announcer";

export function Announcements() {
  const { t } = useTranslation();
  const message = useAnnouncement();
  return (
    <Affix position={{ bottom: 24, left: 24 }} role="status">
      <Transition mounted={message !== null} transition="slide-up">
        {(style) => (
          <Notification
            style={style}
            maw={420}
            withBorder
            onClose={() => announce(null)}
            closeButtonProps={{ "aria-label": t("action.close") }}
          >
            {message}
          </Notification>
        )}
      </Transition>
    </Affix>
  );
}
