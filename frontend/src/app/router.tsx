import { createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { NoPage, PageFailed, PagePending } from "./Fallbacks";
import { FocusFrame } from "./FocusFrame";
import { isNoWork } from "@/features/work/noWork";
import type { NoWork } from "@/shared/api/types";
import { addProjectWords } from "@/shared/i18n/i18n";
import { requireSignIn, requireVisitor, roadOfResearcher } from "./guard";
import { projectRoutes } from "./project-routes";
import { rootRoute, shellRoute } from "./layout-routes";

interface Next {
  next?: string;
}
const next = (search: Record<string, unknown>): Next => (typeof search.next === "string" ? { next: search.next } : {});

const focusRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "focus",
  beforeLoad: requireSignIn,
  component: FocusFrame,
});

const front = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/sign-in",
    validateSearch: next,
    beforeLoad: requireVisitor,
    component: lazyRouteComponent(() => import("./routes/SignInPage"), "SignInPage"),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/forgot-password",
    component: lazyRouteComponent(() => import("./routes/ForgotPasswordPage"), "ForgotPasswordPage"),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/reset-password/$key",
    component: lazyRouteComponent(() => import("./routes/ResetPasswordPage"), "ResetPasswordPage"),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/invitation/$token",
    component: lazyRouteComponent(() => import("./routes/InvitationPage"), "InvitationPage"),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: "/welcome/$token",
    component: lazyRouteComponent(() => import("./routes/WelcomePage"), "WelcomePage"),
  }),
] as const;

/** In a frame on a protocol's page: a desk with example content, without rail and outbox. */
const previewRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/preview/desk",
  beforeLoad: async (context) => {
    await requireSignIn(context);
    await addProjectWords();
  },
  component: lazyRouteComponent(() => import("./preview/PreviewPage"), "PreviewPage"),
});

interface Ended {
  /** Why the last answer brought up no further task. */
  ended?: NoWork;
}

const inside = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/",
    beforeLoad: async () => {
      const projectId = await roadOfResearcher();
      throw projectId === null
        ? redirect({ to: "/work", search: {} })
        : redirect({ to: "/projects/$projectId/road", params: { projectId } });
    },
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/work",
    validateSearch: ({ ended }: Record<string, unknown>): Ended => (isNoWork(ended) ? { ended } : {}),
    component: lazyRouteComponent(() => import("./routes/WorkPage"), "WorkPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/work/history",
    beforeLoad: addProjectWords,
    component: lazyRouteComponent(() => import("./routes/WorkHistoryPage"), "WorkHistoryPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/my-data",
    beforeLoad: addProjectWords,
    component: lazyRouteComponent(() => import("./routes/MyDataPage"), "MyDataPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/account",
    component: lazyRouteComponent(() => import("./routes/AccountPage"), "AccountPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/people",
    component: lazyRouteComponent(() => import("./routes/PeoplePage"), "PeoplePage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/system",
    component: lazyRouteComponent(() => import("./routes/SystemPage"), "SystemPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/projects",
    component: lazyRouteComponent(() => import("./routes/ProjectsPage"), "ProjectsPage"),
  }),
  projectRoutes,
] as const;

const claimRoute = createRoute({
  getParentRoute: () => focusRoute,
  path: "/work/$claimId",
  component: lazyRouteComponent(() => import("./routes/ClaimPage"), "ClaimPage"),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    ...front,
    previewRoute,
    focusRoute.addChildren([claimRoute]),
    shellRoute.addChildren(inside),
  ]),
  defaultPreload: "intent",
  defaultNotFoundComponent: NoPage,
  defaultErrorComponent: PageFailed,
  defaultPendingComponent: PagePending,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
