/** A file to send. Pocket ID reads the type from the extension of the name alone. */
export interface UploadFile {
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

/** Encodes one file as the multipart form that Pocket ID expects: field `file`. */
export async function multipart({ fileName, bytes }: UploadFile): Promise<{ contentType: string; body: Buffer }> {
  const form = new FormData();
  form.append("file", new Blob([Uint8Array.from(bytes)]), fileName);
  const encoded = new Response(form);
  return {
    contentType: encoded.headers.get("content-type") ?? "multipart/form-data",
    body: Buffer.from(await encoded.arrayBuffer()),
  };
}
