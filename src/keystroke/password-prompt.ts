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

const PROMPT = new RegExp(`(?:^|[^\\p{L}\\p{N}])(?:${SECRETS})(?![\\p{L}\\p{N}])[^\\n]{0,96}[:：?]\\s*$`, 'iu');

/** Whether what is typed after this row (without its colours) is a secret, shown or not. */
export function isPasswordPrompt(row: string): boolean {
  return PROMPT.test(row.slice(-256));
}
