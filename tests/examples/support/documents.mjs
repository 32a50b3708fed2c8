// The documents of this repository and the fenced blocks in them.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { repository } from '../../e2e/support/paths.mjs';

/** Every Markdown file that is part of the repository. */
export const documents = execFileSync('git', ['ls-files', '*.md'], {
  cwd: repository('.'),
  encoding: 'utf8',
})
  .trim()
  .split('\n');

/** [{ page, line, language, words, text }]: `words` is what follows the language. */
export function blocksOf(page) {
  const text = readFileSync(repository(page), 'utf8');
  return [...text.matchAll(/^```(\w*) ?(.*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split('\n').length,
    language: match[1],
    words: match[2],
    text: match[3],
  }));
}

export const allBlocks = () => documents.flatMap(blocksOf);
