/** What a command is for, as far as its text shows it. */
export interface CommandMarks {
  /** It gets files from elsewhere. */
  readonly isFetching: boolean;
  /** It makes something stay: accounts, keys, timers, start scripts. */
  readonly isPersisting: boolean;
  /** It hides what was done. */
  readonly isCovering: boolean;
}

const FETCHING = words(`
  aria2c axel curl fetch ftp ftpget git lftp lwp-download lynx nc ncat netcat pip pip3 rsync scp sftp socat tftp wget wget2
`);
const PERSISTING = words(`adduser at atd batch chpasswd crontab passwd ssh-copy-id update-rc.d useradd usermod visudo`);
const COVERING = words(`shred srm wipe logtamper wtmpclean`);
/** Commands that stand before the one that is meant. */
const CARRIERS = words(`
  busybox command doas env eval exec ionice nice nohup setsid stdbuf strace sudo then do else time timeout toybox xargs
`);

const PERSISTING_TEXT =
  /authorized_keys|\/etc\/(?:cron|rc\.|init\.d|inittab|ld\.so\.preload|systemd\/|profile|sudoers|passwd|shadow)|\/var\/spool\/cron|\.bashrc|\.bash_profile|\.profile/;
const WRITING = />|\b(?:tee|cp|mv|ln|install|sed|ex|ed|vi|vim|nano|dd|echo|printf|chattr)\b/;
const ENABLING = /\bsystemctl\s(?:[^;&|]{0,200}\s)?(?:enable|link)\b|\bchkconfig\s|\brc-update\s+add\b/;
const COVERING_TEXT =
  /\bhistory\s+-[a-z]{0,4}[cw]|\bunset\s[^;&|]{0,100}\bHIST|\bHIST(?:FILE|SIZE|FILESIZE)=|set\s+\+o\s+history|\.(?:ba|z|a)?sh_history/;
const EMPTIED_LOG =
  /(?:>|\b(?:rm|truncate|cp|ln)\b)[^;&|]{0,200}\/var\/(?:log|run)\/|\bjournalctl\s[^;&|]{0,100}--vacuum/;

/** Longer ones are looked at so far: a command of a megabyte is a file that was pasted. */
const LOOKED_AT_CHARS = 16_384;
/** Where a shell would begin a new command. */
const NEW_COMMAND = /[;&|\n\r(){}`]|\$\(/;
const PARTS_MAX = 1000;

/**
 * Reads an entered line by public lists of names; nothing is run or unpacked, and who writes `w''get` is not seen. In
 * doubt it marks: a score needs no proof, and the line stands beside it.
 */
export function markCommand(command: string): CommandMarks {
  const text = command.slice(0, LOOKED_AT_CHARS);
  const names = text.split(NEW_COMMAND, PARTS_MAX).map(commandName);
  const has = (list: ReadonlySet<string>): boolean => names.some((name) => list.has(name));
  return {
    isFetching: has(FETCHING) || text.includes('/dev/tcp/'),
    isPersisting: has(PERSISTING) || ENABLING.test(text) || (PERSISTING_TEXT.test(text) && WRITING.test(text)),
    isCovering: has(COVERING) || COVERING_TEXT.test(text) || EMPTIED_LOG.test(text),
  };
}

/** The first word that is a command: without its path, behind assignments, carriers and their options. */
function commandName(part: string): string {
  for (const word of part.trim().split(/\s+/, 20)) {
    const name = word.replace(/^.*\//, '').replace(/^[\\'"]+|['"]+$/g, '');
    if (/^\w+=/.test(word) || word.startsWith('-') || /^\d+[smhd]?$/.test(word) || CARRIERS.has(name)) continue;
    return name;
  }
  return '';
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.trim().split(/\s+/));
}
