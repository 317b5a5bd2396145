// BouncyCastle as a judge of SM2 certificates, messages and seals, and PDFBox with it as a judge of PDFs.

import { type JavaJudge, needJavaJudge } from './java-judge.ts';

export interface BouncyCastle {
  /** One answer for each command, in order. */
  judge(commands: readonly (readonly string[])[]): string[];
  remove(): void;
}

const bouncyCastle = ['bcprov', 'bcpkix', 'bcutil'];
const packages = 'default-jdk-headless libbcprov-java libbcpkix-java libbcutil-java';

/** Skips the running suite or test, saying plainly why, when there is no Java or no BouncyCastle. */
export function needBouncyCastle(context: Mocha.Context): BouncyCastle {
  const program = { name: 'BouncyCastleJudge', jars: bouncyCastle, what: 'BouncyCastle', packages };
  const java = needJavaJudge(context, program);
  return { judge: (commands) => java.answers(commands.map((words) => words.join(' '))), remove: () => java.remove() };
}

/** Takes paths of PDFs; test/judges/PdfBoxJudge.java says what it answers. */
export function needPdfBox(context: Mocha.Context): JavaJudge {
  return needJavaJudge(context, {
    name: 'PdfBoxJudge',
    jars: [...bouncyCastle, 'pdfbox2', 'fontbox2', 'commons-logging'],
    what: 'PDFBox',
    packages: `${packages} libpdfbox2-java libfontbox2-java libcommons-logging-java`,
  });
}
