/** What a failure of the file system at `path` is to the operator, with the mend where there is one. */
export function troubleText(path: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return `${path} is not there`;
    case 'EACCES':
    case 'EPERM':
      return `${path} may not be read: run the collector as root, or let its user read it`;
    case 'ELOOP':
      return `${path} is a symbolic link, and is not followed`;
    default:
      return `${path} cannot be read: ${message}`;
  }
}
