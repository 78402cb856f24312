import {
  IconActivity,
  IconChartDots,
  IconChecklist,
  IconCube,
  IconFileImport,
  IconLayoutDashboard,
  IconListCheck,
  IconMessages,
  IconPackage,
  IconRoute,
  IconScale,
  IconUsersGroup,
} from "@tabler/icons-react";

/** The pages of a project and the verb that opens each. */
export const projectLinks = [
  { to: "/projects/$projectId", label: "nav.overview", icon: IconLayoutDashboard, verb: "view_project", exact: true },
  { to: "/projects/$projectId/board", label: "nav.board", icon: IconActivity, verb: "view_board", exact: false },
  { to: "/projects/$projectId/prompts", label: "nav.prompts", icon: IconMessages, verb: "view_prompts", exact: false },
  { to: "/projects/$projectId/tasks", label: "nav.tasks", icon: IconListCheck, verb: "manage_tasks", exact: false },
  { to: "/projects/$projectId/answers", label: "nav.answers", icon: IconChecklist, verb: "view_answers", exact: false },
  { to: "/projects/$projectId/agreement", label: "nav.agreement", icon: IconScale, verb: "view_quality", exact: false },
  { to: "/projects/$projectId/imports", label: "nav.imports", icon: IconFileImport, verb: "import_data", exact: false },
  { to: "/projects/$projectId/releases", label: "nav.releases", icon: IconPackage, verb: "view_release", exact: false },
  { to: "/projects/$projectId/runs", label: "nav.runs", icon: IconChartDots, verb: "view_run", exact: false },
  { to: "/projects/$projectId/models", label: "nav.models", icon: IconCube, verb: "view_run", exact: false },
  {
    to: "/projects/$projectId/protocols",
    label: "nav.protocols",
    icon: IconRoute,
    verb: "manage_protocols",
    exact: false,
  },
  {
    to: "/projects/$projectId/members",
    label: "nav.members",
    icon: IconUsersGroup,
    verb: "manage_members",
    exact: false,
  },
] as const;
