/** `node --import <this file> file.ts` */
import { register } from 'node:module';

register('./typescript-loader.mjs', import.meta.url);
