"""A git checkout or bare clone on this machine as a source of repositories: git itself, made to run nothing else."""
