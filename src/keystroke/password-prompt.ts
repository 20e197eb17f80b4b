/**
 * A row that asks for a secret: one of these words, then little more, then a colon or a question mark. Case does not
 * count; other words than English ones are those that PAM, sudo and OpenSSH are translated to most.
 */
const SECRETS = [
  ...['pass ?words?', 'pass ?phrases?', 'pass ?codes?', 'passwd', 'pwd', 'pin(?: code)?', 'secret(?: key)?', 'otp'],
  ...['(?:verification|security|access|one.time|authentication) (?:code|token|password)', 'token', 'api.?key'],
  ...['passwort', 'kennwort', 'mot de passe', 'contraseña', 'senha', 'palavra.passe', 'parola', 'wachtwoord'],
  ...['hasło', 'heslo', 'lösenord', 'lozinka', 'пароль', 'şifre', '密码', '密碼', 'パスワード', '암호'],
].join('|');

const PROMPT = new RegExp(`(?:^|[^\\p{L}\\p{N}])(?:${SECRETS})(?![\\p{L}\\p{N}])[^\\n]{0,96}$`, 'iu');
const ASKS = new Set([':', '：', '?']);
const ROW_MAX = 256;
/** Rows of a session that are read for a secret's name: many times what a day of typing has. */
const READ_MAX = 10_000;

/**
 * Whether what is typed after a row (without its colours) is a secret, shown or not; for the rows of one session. Once too
 * many were read, whatever asks for something asks for a secret.
 */
export function createPromptReader(): (row: string) => boolean {
  let read = 0;
  let last = '';
  let isPrompt = false;
  return (row) => {
    const asked = row.slice(-ROW_MAX).trimEnd();
    if (!ASKS.has(asked.slice(-1))) return false;
    if (asked !== last) {
      last = asked;
      isPrompt = ++read > READ_MAX || PROMPT.test(asked.slice(0, -1));
    }
    return isPrompt;
  };
}
