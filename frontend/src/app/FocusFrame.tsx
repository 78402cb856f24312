import { Outlet } from "@tanstack/react-router";
import { Announcements } from "@/shared/components/Announcements";
import { OfflineBanner } from "@/shared/components/OfflineBanner";

/** The whole window for one piece of work. */
export function FocusFrame() {
  return (
    <>
      <OfflineBanner />
      <Outlet />
      <Announcements />
    </>
  );
}
