// 50,000 branches of 100 repositories, the same at every run.
export const REPOSITORIES = 100;
export const ROWS = 50_000;

function sha(i) {
  return (Math.imul(i + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0').repeat(5);
}

export function branch(i) {
  const at = new Date(1_700_000_000_000 + i * 61_000).toISOString();
  return {
    repo_id: `owner/repo-${i % REPOSITORIES}`,
    name: `feature/${Math.floor(i / REPOSITORIES)}-branch`,
    commit_sha: sha(i),
    is_default: i < REPOSITORIES,
    ahead: i % 17,
    behind: i % 29,
    last_commit_at: at,
    last_commit_message: `Change number ${i}: make the thing do what it says 🚀`,
    tags: i % 5 === 0 ? ['release', `t${i % 7}`] : [],
  };
}
