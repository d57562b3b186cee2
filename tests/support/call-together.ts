import type { Answer, Connected } from "./connect.ts";

/**
 * Makes calls at the same time of which one is to be refused because of the other: the requests that are held get their answer when that has
 * happened, so that one call cannot be over before the other begins.
 */
export async function callTogether(
  { sandbox, call }: Pick<Connected, "sandbox" | "call">,
  calls: readonly { readonly tool: string; readonly args: Record<string, unknown> }[],
  isHeld: (method: string, url: string) => boolean,
): Promise<Answer[]> {
  let refuse: () => void = () => undefined;
  const refused = new Promise<void>((resolve) => {
    refuse = resolve;
  });
  sandbox.intercept = ({ method = "", url = "" }, response) => {
    const end = response.end.bind(response);
    if (isHeld(method, url))
      response.end = (text: unknown) => {
        void refused.then(() => end(text));
        return response;
      };
    return false;
  };
  return Promise.all(
    calls.map(async ({ tool, args }) => {
      const answer = await call(tool, args);
      if (answer.isError) refuse();
      return answer;
    }),
  );
}
