"""What training code uses: the scheduler of a schedule on the user's own optimizer. Works on the imported torch."""
