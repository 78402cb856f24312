import { csrfToken } from "@/shared/api/client";
import { Problem } from "@/shared/api/problem";

const HOME = "/_allauth/browser/v1";

/** Answers whose status 401 only says "not signed in now": after signing out or setting a password that is success. */
const SIGNED_OUT = 401;

async function call(
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Response> {
  try {
    return await fetch(`${HOME}/${path}`, {
      method,
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken(), ...headers },
      body: body && JSON.stringify(body),
    });
  } catch {
    throw new Problem(0, "network", "");
  }
}

async function succeed(answer: Response, alsoFine?: number): Promise<void> {
  if (!answer.ok && answer.status !== alsoFine) throw await Problem.from(answer);
}

export const signIn = async (email: string, password: string) =>
  succeed(await call("POST", "auth/login", { email, password }));

export const signOut = async () => succeed(await call("DELETE", "auth/session"), SIGNED_OUT);

export const requestReset = async (email: string) => succeed(await call("POST", "auth/password/request", { email }));

export const checkResetKey = async (key: string) =>
  succeed(await call("GET", "auth/password/reset", undefined, { "X-Password-Reset-Key": key }));

export const resetPassword = async (key: string, password: string) =>
  succeed(await call("POST", "auth/password/reset", { key, password }), SIGNED_OUT);
