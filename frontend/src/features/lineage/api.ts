import { queryOptions } from "@tanstack/react-query";
import { api, body } from "@/shared/api/client";

export type Subject = "model" | "release" | "answer" | "prompt";

/** Where something comes from, and what was made of it. */
export const lineageOptions = (project_id: number, subject: Subject, id: number) =>
  queryOptions({
    queryKey: ["project", project_id, "lineage", subject, id],
    queryFn: () => {
      const at = { params: { path: { project: project_id, id } } };
      switch (subject) {
        case "model":
          return body(api.GET("/api/projects/{project}/models/{id}/lineage/", at));
        case "release":
          return body(api.GET("/api/projects/{project}/releases/{id}/lineage/", at));
        case "answer":
          return body(api.GET("/api/projects/{project}/answers/{id}/lineage/", at));
        case "prompt":
          return body(api.GET("/api/projects/{project}/prompts/{id}/lineage/", at));
      }
    },
  });
