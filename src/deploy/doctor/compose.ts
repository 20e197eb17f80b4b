import { findComposeCli } from '../compose-cli.js';
import { good, type DoctorCheck } from './doctor-check.js';

/** There is a program that carries out compose files. */
export const composeCheck: DoctorCheck = {
  name: 'compose',
  async run({ config, paths, env }) {
    const { project, composeFile: file } = paths;
    const { program, version } = await findComposeCli({ socketPath: config.engine_socket, env, project, file });
    return [good(`${program}: ${version}`)];
  },
};
