console.log('The benches are on their way.')
