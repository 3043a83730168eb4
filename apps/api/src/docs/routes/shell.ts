/** Takes the first job id out of an answer, with what every machine has. */
export const jobIdOf = "| grep -o 'job_[0-9a-z]*' | head -n 1";
