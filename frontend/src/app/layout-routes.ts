import { createRootRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { requireSignIn } from "./guard";

export const rootRoute = createRootRoute();

/** Everything behind the rail. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "shell",
  beforeLoad: requireSignIn,
  component: lazyRouteComponent(() => import("./Shell"), "Shell"),
});
