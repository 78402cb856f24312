import { Outlet } from "@tanstack/react-router";
import { OutboxKeeper } from "@/features/work/outbox/OutboxKeeper";
import { Announcements } from "@/shared/components/Announcements";
import { OfflineBanner } from "@/shared/components/OfflineBanner";
import { useMe } from "./useMe";

/** The whole window for one piece of work. */
export function FocusFrame() {
  const me = useMe();
  return (
    <>
      <OfflineBanner />
      <OutboxKeeper person={me.id} />
      <Outlet />
      <Announcements />
    </>
  );
}
