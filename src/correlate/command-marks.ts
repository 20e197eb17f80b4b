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

/** In one part of a line, this and behind it that. Each is linear: a line is what an attacker chose. */
type InOrder = readonly [first: RegExp, then: RegExp];

const PERSISTING_TEXT: readonly InOrder[] = [
  [
    />|\b(?:tee|cp|mv|ln|install|sed|ex|ed|vi|vim|nano|dd|chattr)\b/,
    /authorized_keys|\/etc\/(?:cron|rc\.|init\.d|inittab|ld\.so\.preload|systemd\/|profile|sudoers|passwd|shadow)|\/var\/spool\/cron|\.bashrc|\.bash_profile|\.profile/,
  ],
  [/\b(?:systemctl|rc-update)\s/, /\s(?:enable|link|add)\b/],
];
const COVERING_TEXT: readonly InOrder[] = [
  [/\bhistory\s/, /\s-[a-z]{0,4}[cw]/],
  [/\bunset\s/, /\sHIST/],
  [/\bset\s/, /\s\+o\shistory/],
  [/(?:^|\s)(?=HIST(?:FILE|SIZE|FILESIZE)=)/, /=/],
  [/>|\b(?:rm|truncate|cp|ln)\b/, /\/var\/(?:log|run)\/|\.(?:ba|z|a)?sh_history/],
  [/\bjournalctl\s/, /\s--vacuum/],
];

/** Longer ones are looked at so far: a command of a megabyte is a file that was pasted. */
const LOOKED_AT_CHARS = 4096;
/** Where a shell would begin a new command. */
const NEW_COMMAND = /[;&|\n\r(){}`]|\$\(/;
const PARTS_MAX = 1000;

/**
 * Reads an entered line by public lists of names; nothing is run or unpacked, and who writes `w''get` is not seen. In
 * doubt it marks: a score needs no proof, and the line stands beside it.
 */
export function markCommand(command: string): CommandMarks {
  const text = command.slice(0, LOOKED_AT_CHARS);
  const parts = text.split(NEW_COMMAND, PARTS_MAX);
  const names = parts.map(commandName);
  const hasName = (list: ReadonlySet<string>): boolean => names.some((name) => list.has(name));
  const says = (rules: readonly InOrder[]): boolean =>
    rules.some(([first, then]) => parts.some((part) => isInOrder(part, first, then)));
  return {
    isFetching: hasName(FETCHING) || text.includes('/dev/tcp/'),
    isPersisting: hasName(PERSISTING) || says(PERSISTING_TEXT),
    isCovering: hasName(COVERING) || says(COVERING_TEXT),
  };
}

function isInOrder(part: string, first: RegExp, then: RegExp): boolean {
  const at = part.search(first);
  return at !== -1 && then.test(part.slice(at));
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
