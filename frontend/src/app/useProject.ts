import { useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { projectOptions } from "@/shared/api/queries";
import type { Project, Verb } from "@/shared/api/types";

interface InProject {
  projectId: number;
  project: Project;
  may: (verb: Verb) => boolean;
}

/** The project in the address, already loaded by its route, and what the person may do in it. */
export function useProject(): InProject {
  const { projectId = 0 } = useParams({ strict: false });
  const { data: project } = useSuspenseQuery(projectOptions(projectId));
  return { projectId, project, may: (verb) => project.permissions.includes(verb) };
}
