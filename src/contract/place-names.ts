/** What a decky may be called where streams, labels, paths and topics name it. */
export const DECKY_NAME = /^[a-z0-9-]{1,63}$/;

/** What a service of a decky may be called there. */
export const SERVICE_NAME = /^[a-z0-9-]{1,15}$/;
