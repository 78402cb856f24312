import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { queryClient } from "./query-client";
import { answerFilterIn } from "@/features/quality/answerFilter";
import { projectOptions } from "@/shared/api/queries";
import { addProjectWords } from "@/shared/i18n/i18n";
import { shellRoute } from "./layout-routes";

const HOME = "/projects/$projectId";

const project = {
  parse: ({ projectId }: { projectId: string }) => ({ projectId: Number(projectId) }),
  stringify: ({ projectId }: { projectId: number }) => ({ projectId: String(projectId) }),
};

const parent = () => projectRoute;

/** Loads the project once for all pages below; what a person may not see is not found. */
const projectRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: HOME,
  params: project,
  beforeLoad: addProjectWords,
  loader: ({ params }) => queryClient.query({ ...projectOptions(params.projectId), staleTime: "static" }),
});

const number = <Name extends string>(name: Name) => ({
  parse: (raw: object) => ({ [name]: Number((raw as Record<Name, string>)[name]) }) as Record<Name, number>,
  stringify: (values: Record<Name, number>) => ({ [name]: String(values[name]) }) as Record<Name, string>,
});

interface Chosen {
  release?: number;
}
const chosenRelease = (search: Record<string, unknown>): Chosen =>
  Number(search.release) > 0 ? { release: Number(search.release) } : {};

// A constant each: routes written inside addChildren lose the types of their addresses.
const pages = [
  createRoute({
    getParentRoute: parent,
    path: "/",
    component: lazyRouteComponent(() => import("./routes/ProjectPage"), "ProjectPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/road",
    component: lazyRouteComponent(() => import("./routes/RoadPage"), "RoadPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/board",
    component: lazyRouteComponent(() => import("./routes/BoardPage"), "BoardPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/prompts",
    component: lazyRouteComponent(() => import("./routes/PromptsPage"), "PromptsPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/duplicates",
    component: lazyRouteComponent(() => import("./routes/DuplicatesPage"), "DuplicatesPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/prompts/$promptId",
    params: number("promptId"),
    component: lazyRouteComponent(() => import("./routes/PromptPage"), "PromptPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/tasks",
    component: lazyRouteComponent(() => import("./routes/TasksPage"), "TasksPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/answers",
    validateSearch: answerFilterIn,
    component: lazyRouteComponent(() => import("./routes/AnswersPage"), "AnswersPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/answers/$answerId",
    params: number("answerId"),
    validateSearch: answerFilterIn,
    component: lazyRouteComponent(() => import("./routes/AnswerPage"), "AnswerPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/agreement",
    component: lazyRouteComponent(() => import("./routes/AgreementPage"), "AgreementPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/imports",
    component: lazyRouteComponent(() => import("./routes/ImportsPage"), "ImportsPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/imports/$importId",
    params: number("importId"),
    component: lazyRouteComponent(() => import("./routes/ImportPage"), "ImportPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/releases",
    component: lazyRouteComponent(() => import("./routes/ReleasesPage"), "ReleasesPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/releases/$releaseId",
    params: number("releaseId"),
    component: lazyRouteComponent(() => import("./routes/ReleasePage"), "ReleasePage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/runs",
    component: lazyRouteComponent(() => import("./routes/RunsPage"), "RunsPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/runs/new",
    validateSearch: chosenRelease,
    component: lazyRouteComponent(() => import("./routes/NewRunPage"), "NewRunPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/runs/$runId",
    params: number("runId"),
    component: lazyRouteComponent(() => import("./routes/RunPage"), "RunPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/models",
    component: lazyRouteComponent(() => import("./routes/ModelsPage"), "ModelsPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/models/$modelId",
    params: number("modelId"),
    component: lazyRouteComponent(() => import("./routes/ModelPage"), "ModelPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/chat",
    component: lazyRouteComponent(() => import("./routes/ChatPage"), "ChatPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/chat/$conversationId",
    params: number("conversationId"),
    component: lazyRouteComponent(() => import("./routes/ChatPage"), "ChatPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/appeals",
    component: lazyRouteComponent(() => import("./routes/AppealsPage"), "AppealsPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/protocols",
    component: lazyRouteComponent(() => import("./routes/ProtocolsPage"), "ProtocolsPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/protocols/new",
    component: lazyRouteComponent(() => import("./routes/NewProtocolPage"), "NewProtocolPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/protocols/$protocolId",
    params: number("protocolId"),
    component: lazyRouteComponent(() => import("./routes/ProtocolPage"), "ProtocolPage"),
  }),
  createRoute({
    getParentRoute: parent,
    path: "/members",
    component: lazyRouteComponent(() => import("./routes/MembersPage"), "MembersPage"),
  }),
] as const;

export const projectRoutes = projectRoute.addChildren(pages);
