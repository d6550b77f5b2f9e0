// What the program uses of Node.js; its types are no dependency of the generated service.
declare const process: { argv: string[]; exit(code: number): never };
